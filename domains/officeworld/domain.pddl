; The office: where things are fetched, brought and visited. Away from all of these places one is in the hall.
(define (domain officeworld)
  (:requirements :strips :typing :negative-preconditions :equality)
  (:types
    place item - object
    spot - place
    desk mark - spot
    drink post - item)
  (:constants
    hall - place
    west_machine east_machine mail_room - spot
    office - desk
    a_mark b_mark c_mark d_mark - mark
    coffee - drink
    mail - post)
  (:predicates
    (at ?p - place)                  ; the agent
    (lies ?i - item ?s - spot)
    (has ?i - item)
    (brought ?i - item)
    (brought-both ?i ?j - item)      ; to the office at once
    (visited ?m - mark))

  (:action fetch
    :parameters (?from - place ?i - item ?to - spot)
    :precondition (and (at ?from) (lies ?i ?to) (not (= ?from ?to)))
    :effect (and (at ?to) (has ?i) (not (at ?from))))

  (:action bring
    :parameters (?from - place ?i - item ?to - desk)
    :precondition (and (at ?from) (has ?i) (not (= ?from ?to)))
    :effect (and (at ?to) (brought ?i) (not (at ?from))))

  (:action bring-both
    :parameters (?from - place ?i ?j - item ?to - desk)
    :precondition (and (at ?from) (has ?i) (has ?j) (not (= ?i ?j)) (not (= ?from ?to)))
    :effect (and (at ?to) (brought-both ?i ?j) (not (at ?from))))

  (:action visit
    :parameters (?from - place ?to - mark)
    :precondition (and (at ?from) (not (= ?from ?to)))
    :effect (and (at ?to) (visited ?to) (not (at ?from)))))
