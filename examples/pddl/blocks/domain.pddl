; A hand stacks blocks on a table, one at a time.
(define (domain blocks)
  (:requirements :strips :typing :equality :negative-preconditions)
  (:types block)
  (:predicates
    (on ?a ?b - block)
    (on-table ?a - block)
    (clear ?a - block)
    (holding ?a - block)
    (hand-full))
  (:action lift
    :parameters (?a - block)
    :precondition (and (on-table ?a) (clear ?a) (not (hand-full)))
    :effect (and (holding ?a) (hand-full) (not (on-table ?a)) (not (clear ?a))))
  (:action put-down
    :parameters (?a - block)
    :precondition (holding ?a)
    :effect (and (on-table ?a) (clear ?a) (not (holding ?a)) (not (hand-full))))
  (:action stack
    :parameters (?a ?b - block)
    :precondition (and (holding ?a) (clear ?b) (not (= ?a ?b)))
    :effect (and (on ?a ?b) (clear ?a) (not (clear ?b)) (not (holding ?a)) (not (hand-full))))
  (:action unstack
    :parameters (?a ?b - block)
    :precondition (and (on ?a ?b) (clear ?a) (not (hand-full)) (not (= ?a ?b)))
    :effect (and (holding ?a) (hand-full) (clear ?b) (not (on ?a ?b)) (not (clear ?a)))))
