import type { ReactElement } from 'react';

import { clockTime } from '../case/dates';
import type { SaveState } from '../case/saver';
import { usePortalText } from './text';

/** Whether what was typed is kept. */
export function SaveNote({ state }: { state: SaveState }): ReactElement {
  const { t } = usePortalText();
  let text = '';
  if (state.kind === 'saving') text = t('apply.saving');
  else if (state.kind === 'saved') text = t('apply.saved', { time: clockTime(state.at) });
  else if (state.kind === 'failed') text = t('apply.saveFailed');
  return <p className="p-saved" role="status">{text}</p>;
}
