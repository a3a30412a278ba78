import { type ReactNode } from 'react';

import { useLanguage } from '../../i18n';
import { useFormsText } from '../../i18n/forms';
import {
  type Component, type FormState, type Json, type JsonObject, type MaskKind, fixedOptions, isEmpty, mask, own,
  valueTypeOf,
} from '../../kernel';
import { sizeText, storedFiles } from './FilesInput';
import { regionName } from './RegionInput';
import { isNamedByList, labelOf, pointerOf, rowName, valueAt } from './data';
import { localOptions } from './inputs';

const DAY = { zh: new Intl.DateTimeFormat('zh-CN', { dateStyle: 'long', timeZone: 'UTC' }), en: new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' }) };
const MOMENT = {
  zh: new Intl.DateTimeFormat('zh-CN', { dateStyle: 'long', timeStyle: 'short', timeZone: 'Asia/Shanghai', hourCycle: 'h23' }),
  en: new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'Asia/Shanghai', hourCycle: 'h23' }),
};

function dateText(component: Component, value: string, locale: 'zh' | 'en'): string {
  const time = Date.parse(component.subtype === 'date' ? `${value}T00:00:00Z` : value);
  if (component.subtype === 'time' || Number.isNaN(time)) return value;
  return (component.subtype === 'datetime' ? MOMENT : DAY)[locale].format(time);
}

function choiceText(component: Component, value: Json, locale: 'zh' | 'en'): string {
  const label = (code: Json): string => {
    if (typeof code !== 'string') return '';
    return localOptions(component, undefined, locale).find((option) => option.value === code)?.label ?? code;
  };
  return Array.isArray(value) ? value.map(label).join(locale === 'zh' ? '、' : ', ') : label(value);
}

function textOfValue(component: Component, value: Json, locale: 'zh' | 'en', yes: string, no: string): string {
  if (typeof value === 'boolean') return value ? yes : no;
  if (fixedOptions(component)) return choiceText(component, value, locale);
  if (valueTypeOf(component) === 'region6' && typeof value === 'string') return regionName(value, locale);
  if (valueTypeOf(component) === 'address' && typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const region = typeof value.region === 'string' ? regionName(value.region, locale) : '';
    const detail = typeof value.detail === 'string' ? value.detail : '';
    return locale === 'zh' ? `${region}${detail}` : [detail, region].filter(Boolean).join(', ');
  }
  if (component.type === 'datetime' && typeof value === 'string') return dateText(component, value, locale);
  if (valueTypeOf(component) === 'money' && typeof value === 'string') return locale === 'zh' ? `${value} 元` : `CNY ${value}`;
  if (Array.isArray(value)) return value.map((entry) => (typeof entry === 'string' ? entry : JSON.stringify(entry))).join(locale === 'zh' ? '、' : ', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A value as text: codes by name, dates in words, personal values masked unless `whole`. */
export function ValueText({ component, value, whole }: { component: Component; value: Json; whole: boolean }): ReactNode {
  const t = useFormsText();
  const { locale } = useLanguage();
  if (isEmpty(value)) return <span className="lb-faint">{t('empty')}</span>;
  if (component.type === 'filepicker') {
    return (
      <ul className="lb-form-files">
        {storedFiles(value).map((file) => (
          <li key={file.id}>
            {file.name} <small className="lb-faint">{sizeText(file.size)}</small>
          </li>
        ))}
      </ul>
    );
  }
  const text = textOfValue(component, value, locale, t('yes'), t('no'));
  const kind = own(component, 'sensitive') as MaskKind | undefined;
  return <>{kind && !whole && !text.includes('*') ? mask(kind, text) : text}</>;
}

interface ReadProps {
  components: readonly Component[];
  data: JsonObject;
  state: FormState;
  path: string;
  whole: boolean;
}

function Rows({ component, data, state, pointer, whole }: Omit<ReadProps, 'components' | 'path'> & { component: Component; pointer: string }): ReactNode {
  const t = useFormsText();
  const { locale } = useLanguage();
  const rows = valueAt(data, pointer);
  return (
    <section className="lb-form-group">
      <h2>{labelOf(component, locale)}</h2>
      {Array.isArray(rows) && rows.length > 0
        ? rows.map((_, index) => (
            <section key={index} className="lb-form-row">
              <h3>{rowName(component, index, locale, t)}</h3>
              <ReadComponents components={component.components ?? []} data={data} state={state} path={`${pointer}/${String(index)}`} whole={whole} />
            </section>
          ))
        : <p className="lb-form-hint">{t('list.none')}</p>}
    </section>
  );
}

const SILENT = new Set(['text', 'separator', 'spacer', 'expression']);

/** Values of components as a description list, sections below their headings. */
export function ReadComponents({ components, data, state, path, whole }: ReadProps): ReactNode {
  const { locale } = useLanguage();
  const shown = components.filter(
    (component) => !SILENT.has(component.type) && (state.fields[pointerOf(component, path)]?.visible ?? true),
  );
  const blocks: ReactNode[] = [];
  let pairs: ReactNode[] = [];
  const flush = (): void => {
    if (pairs.length === 0) return;
    blocks.push(
      <dl key={`list-${String(blocks.length)}`} className="lb-form-values">
        {pairs}
      </dl>,
    );
    pairs = [];
  };
  for (const component of shown) {
    const pointer = pointerOf(component, path);
    if (component.type === 'group') {
      flush();
      blocks.push(
        <section key={component.id} className="lb-form-group">
          {component.label && !isNamedByList(component, locale) ? <h2>{labelOf(component, locale)}</h2> : null}
          <ReadComponents components={component.components ?? []} data={data} state={state} path={component.path ? pointer : path} whole={whole} />
        </section>,
      );
    } else if (component.type === 'dynamiclist') {
      flush();
      blocks.push(<Rows key={component.id} component={component} data={data} state={state} pointer={pointer} whole={whole} />);
    } else {
      pairs.push(
        <div key={component.id}>
          <dt>{labelOf(component, locale)}</dt>
          <dd>
            <ValueText component={component} value={valueAt(data, pointer) ?? state.fields[pointer]?.computed ?? null} whole={whole} />
          </dd>
        </div>,
      );
    }
  }
  flush();
  return blocks;
}
