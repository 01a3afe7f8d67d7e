(define (problem three-cities)
  (:domain logistics)
  (:objects
    bern oslo rome - city
    depot shop forum - place
    bern-air oslo-air rome-air - airport
    van lorry cart - truck
    jet - plane
    book lamp vase urn - parcel)
  (:init
    (part-of depot bern) (part-of bern-air bern)
    (part-of shop oslo) (part-of oslo-air oslo)
    (part-of forum rome) (part-of rome-air rome)
    (parked van bern-air) (parked lorry shop) (parked cart forum) (parked jet rome-air)
    (lies book depot) (lies lamp shop) (lies vase forum) (lies urn forum)
    (= (total-cost) 0))
  (:goal (and (lies book shop) (lies lamp forum) (lies vase depot) (lies urn bern-air)))
  (:metric minimize (total-cost)))
