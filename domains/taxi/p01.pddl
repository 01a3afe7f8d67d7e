(define (problem p01)
  (:domain taxi)
  (:init (at road) (waits blue_stand))
  (:goal (waits red_stand)))
