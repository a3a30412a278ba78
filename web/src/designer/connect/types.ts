import type { components } from '../../api/schema';

/** Names for what trying a connection answers (docs/connectors.md). */

type Schemas = components['schemas'];

export type HeaderLine = Schemas['HeaderAnswer'];
export type ShownRequest = Schemas['RequestAnswer'];
export type Recipient = Schemas['RecipientAnswer'];
export type ShownLetter = Schemas['LetterAnswer'];
export type Preview = Schemas['PreviewAnswer'];
export type Tried = Schemas['TriedAnswer'];

/** The sites whose connections may be tried. */
export interface Offered {
  sites: { id: number; name: string }[];
}
