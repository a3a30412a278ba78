import type { ReactElement } from 'react';

import { moment } from './dates';
import { useCaseText, type CaseTextKey } from './language';
import { Tag, type TagTone } from './tags';
import type { MessageRow } from './types';

const TONE: Record<string, TagTone> = { queued: 'mute', sent: 'info', delivered: 'good', received: 'good', parked: 'warn', failed: 'bad', rejected: 'bad' };

/** What the sites sent each other about this case. */
export function Messages({ messages }: { messages: MessageRow[] }): ReactElement {
  const { t, has } = useCaseText();
  if (messages.length === 0) return <p className="lb-none">{t('messages.empty')}</p>;
  return (
    <table className="lb-table">
      <caption className="lb-visually-hidden">{t('messages.heading')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('messages.at')}</th>
          <th scope="col">{t('messages.name')}</th>
          <th scope="col">{t('messages.from')}</th>
          <th scope="col">{t('messages.to')}</th>
          <th scope="col">{t('messages.state')}</th>
        </tr>
      </thead>
      <tbody>
        {messages.map((message, index) => {
          const key = `messages.state.${message.state.toLowerCase()}`;
          const name = message.stateName ?? (has(key) ? t(key as CaseTextKey) : message.state);
          return (
            <tr key={index}>
              <td>{moment(message.at)}</td>
              <td>{message.name}</td>
              <td>{message.from}</td>
              <td>{message.to}</td>
              <td><Tag tone={TONE[message.state.toLowerCase()] ?? 'mute'}>{name}</Tag></td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
