/** Errors of linear models. */
export const errors = {
  LINEAR_CATEGORIES: (of: string, name: string, column: string) =>
    `The ${of} cannot learn from '${name}': its input '${column}' holds codes of categories, whose numbers mean nothing to a linear model. Encode it with categorical: 'oneHot', or leave it out with without('${column}').`,
  LINEAR_NOT_FINITE: (of: string, name: string, row: number, column: string, value: number) =>
    `The ${of} cannot use '${name}': its input '${column}' is ${value} in row ${row}. Fill missing values first (missing: 'impute' does), or leave the row out.`,
} as const
