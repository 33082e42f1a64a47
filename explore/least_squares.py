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
