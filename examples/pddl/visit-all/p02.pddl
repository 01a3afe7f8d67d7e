(define (problem map-3x3)
  (:domain visit-all)
  (:objects
    x0y0 x1y0 x2y0
    x0y1 x2y1
    x0y2 x1y2 x2y2 - place)
  (:init (at x0y0) (visited x0y0)
    (connected x0y0 x1y0) (connected x0y0 x0y1)
    (connected x1y0 x2y0) (connected x1y0 x0y0)
    (connected x2y0 x1y0) (connected x2y0 x2y1)
    (connected x0y1 x0y2) (connected x0y1 x0y0)
    (connected x2y1 x2y2) (connected x2y1 x2y0)
    (connected x0y2 x1y2) (connected x0y2 x0y1)
    (connected x1y2 x2y2) (connected x1y2 x0y2)
    (connected x2y2 x1y2) (connected x2y2 x2y1))
  (:goal (and
    (visited x0y0) (visited x1y0) (visited x2y0)
    (visited x0y1) (visited x2y1)
    (visited x0y2) (visited x1y2) (visited x2y2))))
