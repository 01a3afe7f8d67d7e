; MiniGrid as a planner sees it. A room is a connected stretch of cells without a door in it, as far as it is known;
; `beyond_…` is the space behind a door that nobody has seen. Predicates that start with `may` and `hides` are
; optimistic assumptions about what was not seen; looking confirms or refutes them.
(define (domain minigrid)
  (:requirements :strips :typing :negative-preconditions :action-costs)
  (:types
    room thing - object
    door item goal - thing
    key ball box - item)
  (:predicates
    (in ?r - room)                        ; where the agent stands
    (at ?t - thing ?r - room)             ; ?t can be reached from within ?r
    (links ?d - door ?from ?to - room)
    (free ?d - door ?r - room)            ; nothing lies right behind ?d in ?r
    (behind ?i - item ?d - door ?r - room) ; ?i does
    (open ?d - door)
    (locked ?d - door)
    (fits ?k - key ?d - door)             ; ?k opens ?d, which is locked
    (carrying ?i - item)
    (empty-handed)
    (clear ?t - object)                   ; nothing stands in the way of ?t; of a room: of what was not seen of it
    (obstructs ?i - item ?t - object)     ; ?i does
    (may-be ?t - thing ?r - room)         ; ?t may be in the unexplored part of ?r
    (may-lead ?from ?to - room)           ; an unexplored way may lead from ?from to ?to
    (hides ?b - box ?i - item)            ; ?b may hold ?i
    (belongs ?i - item ?t - thing)        ; the mission wants ?i beside ?t
    (visited ?t - thing)                  ; what has been accomplished in this stage of the mission
    (held ?i - item)
    (opened ?d - door)
    (beside ?i - item ?t - thing)
    (reached ?g - goal)
    (alike ?i ?shown - item)              ; ?i, at the end of the hallway, looks like ?shown, which is elsewhere
    (matched ?i - item)
    (declared))                           ; it was said that all is done
  (:functions
    (total-cost) - number
    (reach ?t - thing) - number           ; steps to get to ?t, as far as one can tell
    (toll ?d - door) - number             ; steps to get through ?d when it is open
    (search ?r - room) - number           ; steps to look around in ?r
    (rummage ?b - box) - number         ; steps to get to ?b and open it
    (haul ?r - room) - number)            ; steps to put something down in ?r where it bars nothing

  (:action go-to
    :parameters (?t - thing ?r - room)
    :precondition (and (in ?r) (at ?t ?r) (clear ?t))
    :effect (and (visited ?t) (increase (total-cost) (reach ?t))))

  (:action go-to-match
    :parameters (?i ?shown - item ?r ?elsewhere - room)
    :precondition (and (in ?r) (at ?i ?r) (clear ?i) (at ?shown ?elsewhere) (alike ?i ?shown))
    :effect (and (matched ?i) (increase (total-cost) (reach ?i))))

  (:action step-on
    :parameters (?g - goal ?r - room)
    :precondition (and (in ?r) (at ?g ?r) (clear ?g))
    :effect (and (reached ?g) (increase (total-cost) (reach ?g))))

  (:action pick-up
    :parameters (?i - item ?r - room)
    :precondition (and (in ?r) (at ?i ?r) (clear ?i) (empty-handed))
    :effect (and (carrying ?i) (held ?i) (not (at ?i ?r)) (not (empty-handed))
                 (increase (total-cost) (reach ?i))))

  (:action clear-away
    :parameters (?i - item ?t - thing ?r - room)
    :precondition (and (in ?r) (at ?i ?r) (clear ?i) (obstructs ?i ?t) (empty-handed))
    :effect (and (carrying ?i) (held ?i) (clear ?t) (not (obstructs ?i ?t)) (not (at ?i ?r)) (not (empty-handed))
                 (increase (total-cost) (reach ?i))))

  (:action make-way
    :parameters (?i - item ?r - room)
    :precondition (and (in ?r) (at ?i ?r) (clear ?i) (obstructs ?i ?r) (empty-handed))
    :effect (and (carrying ?i) (held ?i) (clear ?r) (not (obstructs ?i ?r)) (not (at ?i ?r)) (not (empty-handed))
                 (increase (total-cost) (reach ?i))))

  (:action put-down
    :parameters (?i - item ?r - room)
    :precondition (and (in ?r) (carrying ?i))
    :effect (and (at ?i ?r) (clear ?i) (empty-handed) (not (carrying ?i))
                 (increase (total-cost) (haul ?r))))

  (:action put-beside
    :parameters (?i - item ?t - thing ?r - room)
    :precondition (and (in ?r) (carrying ?i) (belongs ?i ?t) (at ?t ?r) (clear ?t) (not (beside ?i ?t)))
    :effect (and (at ?i ?r) (clear ?i) (beside ?i ?t) (empty-handed) (not (carrying ?i))
                 (increase (total-cost) (reach ?t))))

  (:action open-door
    :parameters (?d - door ?r - room)
    :precondition (and (in ?r) (at ?d ?r) (clear ?d) (not (open ?d)) (not (locked ?d)))
    :effect (and (open ?d) (opened ?d) (visited ?d) (increase (total-cost) (reach ?d))))

  (:action unlock-door
    :parameters (?d - door ?k - key ?r - room)
    :precondition (and (in ?r) (at ?d ?r) (clear ?d) (locked ?d) (carrying ?k) (fits ?k ?d))
    :effect (and (open ?d) (opened ?d) (visited ?d) (not (locked ?d)) (increase (total-cost) (reach ?d))))

  (:action close-door
    :parameters (?d - door ?r - room)
    :precondition (and (in ?r) (at ?d ?r) (clear ?d) (open ?d))
    :effect (and (visited ?d) (not (open ?d)) (increase (total-cost) (reach ?d))))

  (:action pass-door
    :parameters (?d - door ?from ?to - room)
    :precondition (and (in ?from) (links ?d ?from ?to) (clear ?d) (open ?d) (free ?d ?to))
    :effect (and (in ?to) (not (in ?from)) (increase (total-cost) (toll ?d))))

  (:action clear-doorway
    :parameters (?i - item ?d - door ?from ?to - room)
    :precondition (and (in ?from) (links ?d ?from ?to) (clear ?d) (open ?d) (behind ?i ?d ?to) (at ?i ?to)
                       (empty-handed))
    :effect (and (carrying ?i) (held ?i) (visited ?i) (free ?d ?to) (not (behind ?i ?d ?to)) (not (at ?i ?to))
                 (not (empty-handed)) (increase (total-cost) (toll ?d))))

  (:action open-box
    :parameters (?b - box ?i - item ?r - room)
    :precondition (and (in ?r) (at ?b ?r) (clear ?b) (hides ?b ?i))
    :effect (and (at ?i ?r) (clear ?i) (not (at ?b ?r)) (not (hides ?b ?i))
                 (increase (total-cost) (rummage ?b))))

  (:action explore
    :parameters (?r - room ?t - thing)
    :precondition (and (in ?r) (may-be ?t ?r) (clear ?r))
    :effect (and (at ?t ?r) (clear ?t) (not (may-be ?t ?r)) (increase (total-cost) (search ?r))))

  (:action explore-way
    :parameters (?from ?to - room)
    :precondition (and (in ?from) (may-lead ?from ?to) (clear ?from))
    :effect (and (in ?to) (not (in ?from)) (not (may-lead ?from ?to)) (increase (total-cost) (search ?from))))

  (:action declare
    :parameters ()
    :precondition (and)
    :effect (and (declared))))
