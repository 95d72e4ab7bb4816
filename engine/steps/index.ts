import type { StepDefinition } from '../contract/step.js';
import { boolean } from './boolean.js';
import { coalesce } from './coalesce.js';
import { collapseWhitespace } from './collapse-whitespace.js';
import { concat } from './concat.js';
import { decodeHtml } from './decode-html.js';
import { email } from './email.js';
import { emptyToNull } from './empty-to-null.js';
import { epoch } from './epoch.js';
import { formatDate } from './format-date.js';
import { hash } from './hash.js';
import { join } from './join.js';
import { jsonGet } from './json-get.js';
import { jsonParse } from './json-parse.js';
import { lower } from './lower.js';
import { nullIf } from './null-if.js';
import { number } from './number.js';
import { pad } from './pad.js';
import { parseDate } from './parse-date.js';
import { removeNul } from './remove-nul.js';
import { phone } from './phone.js';
import { regexReplace } from './regex-replace.js';
import { replace } from './replace.js';
import { round } from './round.js';
import { scale } from './scale.js';
import { slug } from './slug.js';
import { split } from './split.js';
import { stripHtml } from './strip-html.js';
import { substring } from './substring.js';
import { timezone } from './timezone.js';
import { titleCase } from './title-case.js';
import { trim } from './trim.js';
import { truncate } from './truncate.js';
import { upper } from './upper.js';
import { uuid3 } from './uuid3.js';
import { uuid5 } from './uuid5.js';
import { zeroDateToNull } from './zero-date-to-null.js';

/** Every step of the language by its name, in the order of the reference. */
export const STEPS: ReadonlyMap<string, StepDefinition> = new Map(
  [
    trim,
    lower,
    upper,
    titleCase,
    collapseWhitespace,
    stripHtml,
    decodeHtml,
    slug,
    removeNul,
    emptyToNull,
    zeroDateToNull,
    jsonParse,
    email,
    truncate,
    substring,
    pad,
    replace,
    regexReplace,
    split,
    join,
    concat,
    nullIf,
    coalesce,
    boolean,
    number,
    round,
    scale,
    parseDate,
    formatDate,
    timezone,
    epoch,
    jsonGet,
    hash,
    uuid5,
    uuid3,
    phone,
  ].map((step) => [step.name, step]),
);
