; Walk over a map until every place has been visited.
(define (domain visit-all)
  (:requirements :strips :typing)
  (:types place)
  (:predicates
    (connected ?a ?b - place)
    (at ?a - place)
    (visited ?a - place))
  (:action walk
    :parameters (?from ?to - place)
    :precondition (and (at ?from) (connected ?from ?to))
    :effect (and (at ?to) (visited ?to) (not (at ?from)))))
