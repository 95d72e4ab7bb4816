import { expect, it } from 'vitest';
import { ENTITIES } from '../../engine/steps/entities.js';
import { apply } from './apply.js';

it.each([
  ['<P>a</P>\n<P>b</P>', 'a\nb'],
  ['text<p>para</p>more', 'text\npara\nmore'],
  ['<ul><li>a</li><li>b</li></ul>', 'a\nb'],
  ['<tr><td>a</td><td>b</td></tr>', 'a\nb'],
  ['a<br><br>b', 'a\n\nb'],
  ['a <b>b</b> c', 'a b c'],
  ['x<sup>2</sup>', 'x2'],
  ["<a href='x>y' title=\"a'b>c\">z</a>", 'z'],
  ["<img alt=it's src=x>after", 'after'],
  ['<!DOCTYPE html><?xml version="1"?>a', 'a'],
  ['a<!-- <b>x</b> -->b', 'ab'],
  ['a<style>p > b { }</style>b', 'ab'],
  ['<SCRIPT>x</script >y', 'y'],
  ['a<script>unclosed', 'aunclosed'],
  ['a<!-- unclosed', 'a<!-- unclosed'],
  ['a <b unclosed', 'a <b unclosed'],
  ['1<2 && 3>2', '1<2 && 3>2'],
  ['<3 you', '<3 you'],
  ['<>', '<>'],
  ['a<b<i>c</i>', 'a<bc'],
  ['', ''],
])('strip_html: %j gives %j', (given, result) => {
  expect(apply('strip_html', null, given)).toBe(result);
});

it.each([
  ['&lt;&gt;&amp;&quot;&apos;&nbsp;', '<>&"\'\u00a0'],
  ['&Alpha;&omega;&euro;&hearts;&rsaquo;&yuml;&szlig;&times;', 'Αω€♥›ÿß×'],
  ['&#128077;&#x1F44D;&#X41;', '👍👍A'],
  ['&#55357;', { fails: '"&#55357;" in "&#55357;" is no character' }],
  ['&#x110000;', { fails: '"&#x110000;" in "&#x110000;" is no character' }],
  ['&#x80;&#159;', '€Ÿ'],
  ['&EACUTE; &; &#; &#x; & amp;', '&EACUTE; &; &#; &#x; & amp;'],
  ['&constructor;&__proto__;', '&constructor;&__proto__;'],
  ['%&$1;', '%&$1;'],
])('decode_html: %j gives %j', (given, result) => {
  expect(apply('decode_html', null, given)).toEqual(result);
});

it('knows the 252 entities of HTML 4 and apos, each with a character of its own', () => {
  expect(ENTITIES.size).toBe(253);
  expect(new Set(ENTITIES.values()).size).toBe(253);
});
