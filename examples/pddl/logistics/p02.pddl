(define (problem two-cities)
  (:domain logistics)
  (:objects
    bern oslo - city
    depot shop - place
    bern-air oslo-air - airport
    van lorry - truck
    jet - plane
    book lamp - parcel)
  (:init
    (part-of depot bern) (part-of bern-air bern) (part-of shop oslo) (part-of oslo-air oslo)
    (parked van bern-air) (parked lorry shop) (parked jet oslo-air)
    (lies book depot) (lies lamp shop)
    (= (total-cost) 0))
  (:goal (and (lies book shop) (lies lamp depot)))
  (:metric minimize (total-cost)))
