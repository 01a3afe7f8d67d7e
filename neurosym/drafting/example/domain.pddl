; A gardener who waters plants with one can.
(define (domain garden)
  (:requirements :strips :typing :negative-preconditions)
  (:types place plant)
  (:predicates
    (at ?p - place)             ; the gardener
    (path ?from ?to - place)
    (tap ?p - place)
    (grows ?x - plant ?p - place)
    (full)                      ; the can
    (watered ?x - plant))

  (:action walk
    :parameters (?from ?to - place)
    :precondition (and (at ?from) (path ?from ?to))
    :effect (and (at ?to) (not (at ?from))))

  (:action fill
    :parameters (?p - place)
    :precondition (and (at ?p) (tap ?p) (not (full)))
    :effect (full))

  (:action water
    :parameters (?x - plant ?p - place)
    :precondition (and (at ?p) (grows ?x ?p) (full))
    :effect (and (watered ?x) (not (full)))))
