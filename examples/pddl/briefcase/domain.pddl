; Whatever is in the briefcase goes where it goes (after Pednault's example of a conditional effect).
(define (domain briefcase)
  (:requirements :adl :typing)
  (:types place item - object paper - item)
  (:constants home - place)
  (:predicates
    (case-at ?p - place)
    (item-at ?i - item ?p - place)
    (in-case ?i - item)
    (locked)
    (stamped ?i - paper))
  (:action carry
    :parameters (?from ?to - place)
    :precondition (and (case-at ?from) (not (= ?from ?to)) (or (locked) (= ?from home)))
    :effect (and
      (case-at ?to)
      (not (case-at ?from))
      (forall (?i - item)
        (when (in-case ?i) (and (item-at ?i ?to) (not (item-at ?i ?from)))))))
  (:action put-in
    :parameters (?i - item ?p - place)
    :precondition (and (case-at ?p) (item-at ?i ?p) (not (or (locked) (in-case ?i))))
    :effect (in-case ?i))
  (:action empty
    :parameters (?p - place)
    :precondition (and (case-at ?p) (exists (?i - item) (in-case ?i)) (not (locked)))
    :effect (forall (?i - item) (not (in-case ?i))))
  (:action turn-key
    :parameters ()
    :precondition ()
    :effect (and (when (locked) (not (locked))) (when (not (locked)) (locked))))
  (:action stamp
    :parameters (?i - paper ?p - place)
    :precondition (and (item-at ?i ?p) (case-at ?p) (not (in-case ?i)) (not (= ?p home)))
    :effect (stamped ?i)))
