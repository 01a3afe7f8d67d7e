; A frozen lake: one walks from ice to ice and steps off it at the far shore. Holes are no cells to be on.
(define (domain frozenlake)
  (:requirements :strips :typing)
  (:types cell lake - object)
  (:constants small_lake large_lake - lake)
  (:predicates
    (at ?c - cell)
    (joins ?a ?b - cell)             ; ice beside ice
    (ends ?c - cell ?l - lake)       ; ice beside the far shore
    (crossed ?l - lake))

  (:action walk
    :parameters (?from ?to - cell)
    :precondition (and (at ?from) (joins ?from ?to))
    :effect (and (at ?to) (not (at ?from))))

  (:action step-ashore
    :parameters (?from - cell ?lake - lake)
    :precondition (and (at ?from) (ends ?from ?lake))
    :effect (and (crossed ?lake) (not (at ?from)))))
