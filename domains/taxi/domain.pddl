; A taxi, a passenger and four stands. Where it is at no stand, the taxi is on the road.
(define (domain taxi)
  (:requirements :strips :typing :negative-preconditions :equality)
  (:types place - object stand - place)
  (:constants red_stand green_stand yellow_stand blue_stand - stand road - place)
  (:predicates
    (at ?p - place)      ; the taxi
    (waits ?s - stand)   ; the passenger
    (aboard))            ; the passenger

  (:action drive
    :parameters (?from - place ?to - stand)
    :precondition (and (at ?from) (not (= ?from ?to)))
    :effect (and (at ?to) (not (at ?from))))

  (:action pick-up
    :parameters (?s - stand)
    :precondition (and (at ?s) (waits ?s))
    :effect (and (aboard) (not (waits ?s))))

  (:action drop-off
    :parameters (?s - stand)
    :precondition (and (at ?s) (aboard))
    :effect (and (waits ?s) (not (aboard)))))
