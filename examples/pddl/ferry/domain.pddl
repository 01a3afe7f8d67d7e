; A ferry that takes one car at a time.
(define (domain ferry)
  (:requirements :strips :typing :negative-preconditions :equality)
  (:types port car)
  (:predicates
    (ferry-at ?p - port)
    (car-at ?c - car ?p - port)
    (on-board ?c - car)
    (loaded))
  (:action sail
    :parameters (?from ?to - port)
    :precondition (and (ferry-at ?from) (not (= ?from ?to)))
    :effect (and (ferry-at ?to) (not (ferry-at ?from))))
  (:action embark
    :parameters (?c - car ?p - port)
    :precondition (and (ferry-at ?p) (car-at ?c ?p) (not (loaded)))
    :effect (and (on-board ?c) (loaded) (not (car-at ?c ?p))))
  (:action disembark
    :parameters (?c - car ?p - port)
    :precondition (and (ferry-at ?p) (on-board ?c))
    :effect (and (car-at ?c ?p) (not (on-board ?c)) (not (loaded)))))
