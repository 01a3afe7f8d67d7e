; An alley is a row of cells, cut into zones by gates. A box may hold the coin until somebody looks.
(define (domain alley)
  (:requirements :strips :typing :negative-preconditions :action-costs)
  (:types zone thing - object box coin bell gate - thing)
  (:predicates
    (in ?z - zone)
    (lies ?t - thing ?z - zone)
    (links ?g - gate ?from ?to - zone)
    (open ?g - gate)
    (may-hold ?b - box ?c - coin)
    (held ?c - coin)                      ; what has been accomplished in this stage of the mission
    (rung ?b - bell))
  (:functions
    (total-cost) - number
    (reach ?t - thing) - number)

  (:action open-box
    :parameters (?b - box ?c - coin ?z - zone)
    :precondition (and (in ?z) (lies ?b ?z) (may-hold ?b ?c))
    :effect (and (lies ?c ?z) (not (lies ?b ?z)) (not (may-hold ?b ?c)) (increase (total-cost) (reach ?b))))

  (:action take
    :parameters (?c - coin ?z - zone)
    :precondition (and (in ?z) (lies ?c ?z))
    :effect (and (held ?c) (not (lies ?c ?z)) (increase (total-cost) (reach ?c))))

  (:action ring
    :parameters (?b - bell ?z - zone)
    :precondition (and (in ?z) (lies ?b ?z))
    :effect (and (rung ?b) (increase (total-cost) (reach ?b))))

  (:action open-gate
    :parameters (?g - gate ?from ?to - zone)
    :precondition (and (in ?from) (links ?g ?from ?to) (not (open ?g)))
    :effect (and (open ?g) (increase (total-cost) (reach ?g))))

  (:action pass-gate
    :parameters (?g - gate ?from ?to - zone)
    :precondition (and (in ?from) (links ?g ?from ?to) (open ?g))
    :effect (and (in ?to) (not (in ?from)) (increase (total-cost) (reach ?g)))))
