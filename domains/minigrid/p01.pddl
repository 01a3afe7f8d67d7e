;; MiniGrid-DoorKey-8x8-v0, level seed 1000003, after one step: the key and the locked door are in sight, the whole
;; room is known, and the goal square is not in it, so it may be behind the door.
(define (problem p01)
  (:domain minigrid)
  (:objects
    room_1 - room
    beyond_yellow_door - room
    yellow_key - key
    yellow_door - door
    unseen_goal - goal)
  (:init
    (in room_1)
    (empty-handed)
    (at yellow_key room_1)
    (clear yellow_key)
    (at yellow_door room_1)
    (at yellow_door beyond_yellow_door)
    (clear yellow_door)
    (locked yellow_door)
    (fits yellow_key yellow_door)
    (links yellow_door room_1 beyond_yellow_door)
    (links yellow_door beyond_yellow_door room_1)
    (free yellow_door room_1)
    (free yellow_door beyond_yellow_door)
    (clear beyond_yellow_door)
    (may-be unseen_goal beyond_yellow_door) ; an assumption, for want of knowing better
    (= (reach yellow_key) 3)
    (= (reach yellow_door) 3)
    (= (reach unseen_goal) 4)
    (= (toll yellow_door) 2)
    (= (search room_1) 8)
    (= (search beyond_yellow_door) 8)
    (= (haul room_1) 3)
    (= (haul beyond_yellow_door) 3))
  (:goal (reached unseen_goal))
  (:metric minimize (total-cost)))
