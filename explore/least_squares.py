# SPDX-License-Identifier: Apache-2.0
"""Linear least squares for a handful of coefficients, without packages."""


def solve(matrix, right):
    """The vector x with matrix x = right, by elimination with pivots; a column that is nothing but zeros, or depends on
    those before it, gets the coefficient 0. `matrix` is square and symmetric."""
    rows = [list(row) + [value] for row, value in zip(matrix, right)]
    size = len(rows)
    pivots = {}
    used = set()
    for column in range(size):
        row = max((r for r in range(size) if r not in used), key=lambda r: abs(rows[r][column]), default=None)
        if row is None or abs(rows[row][column]) < 1e-9 * max(1e-30, abs(matrix[column][column])):
            continue
        used.add(row)
        pivots[column] = row
        for r in range(size):
            factor = rows[r][column] / rows[row][column] if r != row else 0
            if factor:
                rows[r] = [a - factor * b for a, b in zip(rows[r], rows[row])]
    return [rows[pivots[c]][size] / rows[pivots[c]][c] if c in pivots else 0.0 for c in range(size)]


def fit(features, values):
    """Coefficients that make the sum of squared relative errors least: features[i] . coefficients is about values[i].

    Values are above 0. Features may be of any size; there may be more points than features, or fewer.
    """
    if not values:
        return []
    weighted = [[x / value for x in row] for row, value in zip(features, values)]
    size = len(features[0])
    scale = [max((abs(row[i]) for row in weighted), default=0) or 1 for i in range(size)]
    rows = [[x / s for x, s in zip(row, scale)] for row in weighted]
    matrix = [[sum(row[i] * row[k] for row in rows) for k in range(size)] for i in range(size)]
    right = [sum(row[i] for row in rows) for i in range(size)]
    return [x / s for x, s in zip(solve(matrix, right), scale)]


def fit_nonnegative(features, values, weights):
    """Coefficients from 0 on that make the sum of squared (features[i] . coefficients - values[i]) * weights[i] least, one after the
    other of those that would be below 0 left out."""
    rows = [[x * weight for x in row] for row, weight in zip(features, weights)]
    right = [value * weight for value, weight in zip(values, weights)]
    scale = [max((abs(row[i]) for row in rows), default=0) or 1 for i in range(len(features[0]))]
    used = list(range(len(scale)))
    while used:
        scaled = [[row[i] / scale[i] for i in used] for row in rows]
        matrix = [[sum(row[i] * row[k] for row in scaled) for k in range(len(used))] for i in range(len(used))]
        found = solve(matrix, [sum(row[i] * value for row, value in zip(scaled, right)) for i in range(len(used))])
        least = min(range(len(used)), key=found.__getitem__)
        if found[least] >= 0:
            break
        del used[least]
    return [dict(zip(used, found)).get(i, 0.0) / scale[i] if used else 0.0 for i in range(len(scale))]
