;; Guard-OneRoom-v0 as a planner is told of it: what is to be guarded is in sight, and nothing stands in the way.
(define (problem p01)
  (:domain guarding)
  (:objects
    room_1 room_2 - room
    red_ball - thing)
  (:init
    (in room_1)
    (at red_ball room_1)
    (clear red_ball)
    (= (reach red_ball) 3))
  (:goal (guarded red_ball))
  (:metric minimize (total-cost)))
