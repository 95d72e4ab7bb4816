/** The steps of the language page; those that no registry holds are refused as not carried out yet. */
export const LANGUAGE_STEPS: readonly string[] = [
  ...['trim', 'lower', 'upper', 'title_case', 'collapse_whitespace', 'strip_html', 'decode_html', 'slug'],
  ...['remove_nul', 'empty_to_null', 'zero_date_to_null', 'json_parse', 'email'],
  ...['truncate', 'substring', 'pad', 'replace', 'regex_replace', 'split', 'join', 'concat'],
  ...['null_if', 'coalesce', 'boolean', 'number', 'round', 'scale'],
  ...['parse_date', 'format_date', 'timezone', 'epoch'],
  ...['json_get', 'hash', 'uuid5', 'uuid3', 'phone'],
];

/** The rules of the language page; `sql` is decided by the source and stands in no registry. */
export const LANGUAGE_RULES: readonly string[] = [
  ...['not_null', 'accepted_values', 'range', 'length', 'pattern', 'compare', 'unique', 'sql'],
];
