; A carrier robot in a building, as many systems have it: it moves from room to room, carries one thing at a time, and
; some doors are locked. It knows nothing of grids, of views, of doors that are merely shut, or of looking around.
(define (domain rooms)
  (:requirements :strips :typing)
  (:types
    room door item - object
    key ball box - item)
  (:predicates
    (in-room ?r - room)
    (connects ?d - door ?a ?b - room)
    (locked ?d - door)
    (unlocked ?d - door)
    (item-in ?i - item ?r - room)
    (matches ?k - key ?d - door)
    (holding ?i - item)
    (handempty))

  (:action move-room
    :parameters (?d - door ?a ?b - room)
    :precondition (and (in-room ?a) (connects ?d ?a ?b) (unlocked ?d))
    :effect (and (in-room ?b) (not (in-room ?a))))

  (:action pickup
    :parameters (?i - item ?r - room)
    :precondition (and (in-room ?r) (item-in ?i ?r) (handempty))
    :effect (and (holding ?i) (not (item-in ?i ?r)) (not (handempty))))

  (:action drop
    :parameters (?i - item ?r - room)
    :precondition (and (in-room ?r) (holding ?i))
    :effect (and (item-in ?i ?r) (handempty) (not (holding ?i))))

  (:action unlock
    :parameters (?d - door ?k - key ?a ?b - room)
    :precondition (and (in-room ?a) (connects ?d ?a ?b) (locked ?d) (holding ?k) (matches ?k ?d))
    :effect (and (unlocked ?d) (not (locked ?d)))))
