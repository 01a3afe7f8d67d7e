; A robot with two grippers carries balls from room to room.
(define (domain gripper)
  (:requirements :strips :typing)
  (:types room ball gripper)
  (:predicates
    (robot-in ?r - room)
    (ball-in ?b - ball ?r - room)
    (free ?g - gripper)
    (carries ?g - gripper ?b - ball))
  (:action move
    :parameters (?from ?to - room)
    :precondition (robot-in ?from)
    :effect (and (robot-in ?to) (not (robot-in ?from))))
  (:action pick
    :parameters (?b - ball ?r - room ?g - gripper)
    :precondition (and (robot-in ?r) (ball-in ?b ?r) (free ?g))
    :effect (and (carries ?g ?b) (not (ball-in ?b ?r)) (not (free ?g))))
  (:action drop
    :parameters (?b - ball ?r - room ?g - gripper)
    :precondition (and (robot-in ?r) (carries ?g ?b))
    :effect (and (ball-in ?b ?r) (free ?g) (not (carries ?g ?b)))))
