import type { ReactElement } from 'react';

import { moment } from './dates';
import { useCaseText } from './language';
import { Tag, type TagTone } from './tags';
import type { MessageRow } from './types';

const TONE: Record<string, TagTone> = { queued: 'mute', sent: 'info', delivered: 'good', received: 'good', parked: 'warn', failed: 'bad', rejected: 'bad' };

/** What the sites sent each other about this case. */
export function Messages({ messages }: { messages: MessageRow[] }): ReactElement {
  const { t, pick } = useCaseText();
  if (messages.length === 0) return <p className="lb-none">{t('messages.empty')}</p>;
  return (
    <table className="lb-table lb-stack">
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
          const name = pick(message.stateName, message.stateNameEn);
          return (
            <tr key={index}>
              <td data-label={t('messages.at')}>{moment(message.at)}</td>
              <td data-label={t('messages.name')}>{message.name}</td>
              <td data-label={t('messages.from')}>{message.from}</td>
              <td data-label={t('messages.to')}>{message.to}</td>
              <td data-label={t('messages.state')}><Tag tone={TONE[message.state.toLowerCase()] ?? 'mute'}>{name}</Tag></td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
