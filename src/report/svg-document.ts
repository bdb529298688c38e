/** Just as much of a document as Observable Plot writes into: elements, attributes and text, and no browser. */

import { escaped } from './domain/markup.js';

const SVG = 'http://www.w3.org/2000/svg';

/** Hundredths of a pixel are seen by nobody; beyond them engines may differ in the last digit. */
export const rounded = (text: string): string =>
  text.replace(/-?\d+(\.\d+)?e[-+]?\d+|-?\d+\.\d+/g, (figure) => String(Number(Number(figure).toFixed(2)) + 0));

/** Attributes that hold words, in which a number stays as it is written. */
const WORDS = new Set(['aria-label', 'class', 'id', 'xmlns']);

class TextNode {
  readonly childNodes = [];
  parentNode: SvgElement | null = null;
  constructor(readonly data: string) {}
  get outerHTML(): string {
    return escaped(this.data);
  }
}

type Node = SvgElement | TextNode;

class SvgElement {
  readonly namespaceURI = SVG;
  readonly childNodes: Node[] = [];
  parentNode: SvgElement | null = null;
  readonly style = { setProperty: (name: string, value: string) => this.setAttribute(name, value) };
  private readonly attributes = new Map<string, string>();

  constructor(
    readonly tagName: string,
    readonly ownerDocument: SvgDocument,
  ) {}

  get children(): SvgElement[] {
    return this.childNodes.filter((child): child is SvgElement => child instanceof SvgElement);
  }
  setAttribute(name: string, value: unknown): void {
    this.attributes.set(name, String(value));
  }
  setAttributeNS(_space: string, name: string, value: unknown): void {
    this.setAttribute(name, value);
  }
  getAttribute(name: string): string | null {
    return this.attributes.get(name) ?? null;
  }
  hasAttribute(name: string): boolean {
    return this.attributes.has(name);
  }
  removeAttribute(name: string): void {
    this.attributes.delete(name);
  }
  appendChild<N extends Node>(child: N): N {
    return this.insertBefore(child, null);
  }
  insertBefore<N extends Node>(child: N, before: Node | null): N {
    child.parentNode?.removeChild(child);
    const at = before === null ? -1 : this.childNodes.indexOf(before);
    this.childNodes.splice(at < 0 ? this.childNodes.length : at, 0, child);
    child.parentNode = this;
    return child;
  }
  removeChild<N extends Node>(child: N): N {
    this.childNodes.splice(this.childNodes.indexOf(child), 1);
    child.parentNode = null;
    return child;
  }
  set textContent(text: string) {
    this.childNodes.splice(0);
    this.appendChild(new TextNode(text));
  }
  /** Every style sheet is left out: colours come from whoever shows the picture. */
  get outerHTML(): string {
    if (this.tagName === 'style') return '';
    const given = [...this.attributes].map(
      ([name, value]) => ` ${name}="${escaped(WORDS.has(name) ? value : rounded(value))}"`,
    );
    const inside = this.childNodes.map((child) => child.outerHTML).join('');
    return inside === ''
      ? `<${this.tagName}${given.join('')}/>`
      : `<${this.tagName}${given.join('')}>${inside}</${this.tagName}>`;
  }
}

export class SvgDocument {
  readonly documentElement = new SvgElement('svg', this);
  createElementNS(_space: string, name: string): SvgElement {
    return new SvgElement(name, this);
  }
  createElement(name: string): SvgElement {
    return new SvgElement(name, this);
  }
  createTextNode(text: string): TextNode {
    return new TextNode(text);
  }
}
