; A ferry takes cars across a river, one at a time.
(define (domain crossing)
  (:requirements :strips :typing :negative-preconditions :equality)
  (:types pier car)
  (:predicates
    (moored ?p - pier)          ; the ferry
    (waits ?c - car ?p - pier)
    (on-board ?c - car)
    (laden))                    ; there is a car on board

  (:action sail
    :parameters (?from ?to - pier)
    :precondition (and (moored ?from) (not (= ?from ?to)))
    :effect (and (moored ?to) (not (moored ?from))))

  (:action embark
    :parameters (?c - car ?p - pier)
    :precondition (and (moored ?p) (waits ?c ?p) (not (laden)))
    :effect (and (on-board ?c) (laden) (not (waits ?c ?p))))

  (:action disembark
    :parameters (?c - car ?p - pier)
    :precondition (and (moored ?p) (on-board ?c))
    :effect (and (waits ?c ?p) (not (on-board ?c)) (not (laden)))))
