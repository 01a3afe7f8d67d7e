;; MiniGrid-DoorKey-8x8-v0, level seed 1000000, after three steps: the key and the locked door are in sight, and the
;; goal square, to the robot a room of its own, was not seen, so it may be in the rest of what lies behind the door.
(define (problem p01)
  (:domain rooms)
  (:objects
    room_1 beyond_yellow_door unseen_goal - room
    yellow_door rest_of_beyond_yellow_door - door
    yellow_key - key)
  (:init
    (in-room room_1)
    (handempty)
    (item-in yellow_key room_1)
    (connects yellow_door room_1 beyond_yellow_door)
    (connects yellow_door beyond_yellow_door room_1)
    (locked yellow_door)
    (matches yellow_key yellow_door)
    (connects rest_of_beyond_yellow_door beyond_yellow_door unseen_goal) ; an assumption
    (unlocked rest_of_beyond_yellow_door))
  (:goal (in-room unseen_goal)))
