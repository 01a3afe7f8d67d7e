; Sussman's anomaly: whichever half of the goal is reached first has to be undone for the other.
(define (problem sussman)
  (:domain blocks)
  (:objects a b c - block)
  (:init (on-table a) (on-table b) (on c a) (clear c) (clear b))
  (:goal (and (on a b) (on b c))))
