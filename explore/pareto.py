# SPDX-License-Identifier: Apache-2.0
"""Pareto fronts, and a few points that stand for one.

Objectives are numbers that should be small. A point dominates another one if it is nowhere larger and somewhere
smaller; the front are the points that none dominates. Of points that are equal everywhere all are kept.
"""
import math

# Points nearer than this in every objective together, of a front whose objectives reach from 0 to 1, stand for each other.
NEAR = 0.04


def dominates(one, other):
    """True if the vector `one` is nowhere larger than `other` and somewhere smaller."""
    return all(a <= b for a, b in zip(one, other)) and tuple(one) != tuple(other)


def front(vectors):
    """Indices of the vectors that no other one dominates, in their order.

    In lexical order nothing that comes later dominates what came before, so each is compared with the front so far only.
    """
    kept = []
    for i in sorted(range(len(vectors)), key=lambda i: tuple(vectors[i])):
        if not any(dominates(vectors[k], vectors[i]) for k in kept):
            kept.append(i)
    return sorted(kept)


def scaled(vectors):
    """The vectors with each objective as its logarithm, from 0 for its least value to 1 for its largest."""
    columns = []
    for column in zip(*vectors):
        logs = [math.log(max(value, 1e-9)) for value in column]
        low, span = min(logs), max(logs) - min(logs)
        columns.append([(log - low) / span if span > 0 else 0.0 for log in logs])
    return list(zip(*columns))


def spread(vectors, count, taken=()):
    """Indices of up to `count` vectors that stand for all: those in `taken`, which do not count, the one with the least of
    each objective, then always the one that is farthest from all before it; none that is NEAR one before. In order of choice.
    """
    if not vectors:
        return []
    places = scaled(vectors)
    distance = [min((math.dist(place, places[k]) for k in taken), default=math.inf) for place in places]
    chosen = []

    def take(i):
        chosen.append(i)
        for k, place in enumerate(places):
            distance[k] = min(distance[k], math.dist(place, places[i]))

    for axis in range(len(places[0])):
        best = min(range(len(vectors)), key=lambda i: (vectors[i][axis], tuple(vectors[i])))
        if len(chosen) < count and distance[best] > NEAR:
            take(best)
    while len(chosen) < count:
        farthest = max(range(len(vectors)), key=lambda i: distance[i])
        if distance[farthest] <= NEAR:
            break
        take(farthest)
    return chosen
