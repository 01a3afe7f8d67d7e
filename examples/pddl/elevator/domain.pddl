; An elevator (the "miconic" world) whose stops take in and let out everybody at once. With somebody in a hurry inside
; it goes where they want to, and children do not get in alone.
(define (domain elevator)
  (:requirements :adl :typing :action-costs)
  (:types floor person - object guest child hurried - person)
  (:predicates
    (above ?low ?high - floor)
    (lift-at ?f - floor)
    (waits ?p - person ?f - floor)
    (bound-for ?p - person ?f - floor)
    (inside ?p - person)
    (served ?p - person))
  (:functions (total-cost) - number (distance ?a ?b - floor) - number)
  (:action stop
    :parameters (?f - floor)
    :precondition (and
      (lift-at ?f)
      ; a child comes in only to, or together with, somebody else
      (forall (?c - child)
        (imply (waits ?c ?f) (exists (?p - person) (and (not (= ?p ?c)) (or (inside ?p) (waits ?p ?f)))))))
    :effect (and
      (forall (?p - person)
        (when (waits ?p ?f) (and (inside ?p) (not (waits ?p ?f)))))
      (forall (?p - person)
        (when (and (inside ?p) (bound-for ?p ?f)) (and (served ?p) (not (inside ?p)))))
      (increase (total-cost) 1)))
  (:action ride
    :parameters (?from ?to - floor)
    :precondition (and
      (lift-at ?from)
      (or (above ?from ?to) (above ?to ?from))
      ; with somebody in a hurry inside, only to where one of them is bound for
      (or
        (not (exists (?h - hurried) (inside ?h)))
        (exists (?h - hurried) (and (inside ?h) (bound-for ?h ?to)))))
    :effect (and (lift-at ?to) (not (lift-at ?from)) (increase (total-cost) (distance ?from ?to)))))
