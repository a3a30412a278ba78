import { useMemo, type ReactNode } from 'react';

import { usePrivacyText } from '../i18n/privacy';
import { useSession } from '../shared/session';
import { moment } from './dates';

const ROWS = 12;
const COLUMNS = 4;

/** The reader's name and the time, faint over the page: a photograph of the screen tells who took it. Neither read aloud nor in the way. */
export function Watermark(): ReactNode {
  const t = usePrivacyText();
  const { session } = useSession();
  const name = session?.user?.name;
  const now = session?.mode.now;
  const words = useMemo(() => (name ? t('watermark', { name, time: moment(now ?? new Date().toISOString()) }) : ''), [t, name, now]);
  if (!words) return null;
  return (
    <div className="lb-watermark" aria-hidden="true">
      {Array.from({ length: ROWS * COLUMNS }, (_, index) => <i key={index} data-words={words} />)}
    </div>
  );
}
