import { Button } from 'antd';
import { type ReactNode, useState } from 'react';
import { Link } from 'react-router';

import type { components } from '../api/schema';
import { useResource } from '../case/resource';
import { Tag } from '../case/tags';
import { useLanguage } from '../i18n';
import { useSetUpText } from '../i18n/setup';
import { api } from '../shared/api/client';
import { useSession } from '../shared/session';
import { useAction } from './useAction';

type Step = components['schemas']['SetUpStep'];

const PAGES: Partial<Record<Step['code'], string>> = {
  regions: '/sites',
  sites: '/sites',
  administrators: '/people',
  staff: '/people',
  contacts: '/contacts',
  second: '/people',
  offices: '/people',
  calendar: '/calendar',
  background: '/nodes',
  applicants: '/providers',
  mail: '/channels',
  protection: '/nodes',
};

/** 启用清单: what a new deployment (or a new site) still lacks, in the order in which it is done, each with the way there. Gone when all is done. */
export function SetUp(): ReactNode {
  const { session } = useSession();
  const keeps = session?.user?.roles.some((held) => held.role === 'PLATFORM_ADMIN' || held.role === 'SITE_ADMIN') ?? false;
  return keeps && session && !session.mode.demo ? <List /> : null;
}

function List(): ReactNode {
  const t = useSetUpText();
  const { data, reload } = useResource<{ items: Step[] }>('/admin/set-up');
  const [whole, setWhole] = useState(false);
  const steps = data?.items ?? [];
  const open = steps.filter((step) => !step.done);
  if (open.length === 0) return null;
  const needed = open.filter((step) => step.needed).length;
  const wise = open.length - needed;
  const done = steps.length - open.length;
  return (
    <section className="lb-set-up" aria-labelledby="set-up-title">
      <h2 id="set-up-title">{t('su.title')}</h2>
      <p className="lb-soft">{needed > 0 ? t('su.left', { needed, wise }) : t('su.ready', { wise })} {needed > 0 ? t('su.intro') : null}</p>
      <ol>
        {(whole ? steps : open).map((step) => <Line key={step.code} step={step} onDone={reload} />)}
      </ol>
      {done > 0 ? <Button type="link" onClick={() => setWhole(!whole)}>{whole ? t('su.hide') : t('su.show', { n: done })}</Button> : null}
    </section>
  );
}

function Line({ step, onDone }: { step: Step; onDone: () => void }): ReactNode {
  const t = useSetUpText();
  const { locale } = useLanguage();
  const { busy, run } = useAction();
  const name = t(`su.${step.code}`);
  const page = PAGES[step.code];
  const names = step.missing.map((each) => (locale === 'en' ? each.nameEn : each.name));
  const load = async (): Promise<void> => {
    if (await run(() => api.post('/admin/regions/standard', {}), t('su.loaded'))) onDone();
  };
  return (
    <li data-done={step.done}>
      <Tag tone={step.done ? 'good' : step.needed ? 'bad' : 'mute'}>{t(step.done ? 'su.done' : step.needed ? 'su.needed' : 'su.wise')}</Tag>
      <div>
        <strong>{name}</strong>
        {step.done ? null : <div className="lb-soft">{t(`su.${step.code}Hint`)}</div>}
        {names.length > 0 ? (
          <ul>
            {names.map((each) => <li key={each}>{each}</li>)}
            {step.count > names.length ? <li className="lb-faint">{t('su.more', { n: step.count })}</li> : null}
          </ul>
        ) : null}
      </div>
      {step.done ? null : (
        <span className="lb-row-buttons">
          {step.code === 'regions' ? <Button size="small" type="primary" loading={busy} onClick={() => void load()}>{t('su.load')}</Button> : null}
          {step.code === 'models' ? <a href="/designer/" aria-label={t('su.openOf', { name })}>{t('su.open')}</a> : null}
          {page ? <Link to={page} aria-label={t('su.openOf', { name })}>{t('su.open')}</Link> : null}
        </span>
      )}
    </li>
  );
}
