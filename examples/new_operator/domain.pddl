; What is new: one operator. `domain.py` adds it to MiniGrid's own domain; the predicates and the function it speaks of
; are those of MiniGrid, but for `guarded`.
(define (domain guarding)
  (:requirements :strips :typing :action-costs)
  (:types
    room thing - object)
  (:predicates
    (in ?r - room)
    (at ?t - thing ?r - room)
    (clear ?t - object)
    (guarded ?t - thing))                 ; the agent stands before ?t and has it at its back
  (:functions
    (total-cost) - number
    (reach ?t - thing) - number)

  (:action guard
    :parameters (?t - thing ?r - room)
    :precondition (and (in ?r) (at ?t ?r) (clear ?t))
    :effect (and (guarded ?t) (increase (total-cost) (reach ?t)))))
