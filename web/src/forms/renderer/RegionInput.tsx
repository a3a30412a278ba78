import { type ReactNode } from 'react';

import { CODE_TABLES } from '../../kernel/codes';
import { type RegionLevel, own, regionLevelOfField } from '../../kernel';
import { Field, controlProps } from './Field';
import { useForm } from './context';
import { valueAt } from './data';
import type { InputProps } from './inputs';

const LEVELS: readonly RegionLevel[] = ['province', 'prefecture', 'county'];

interface Region {
  code: string;
  zh: string;
  en?: string;
  parent?: string;
}

function regions(): readonly Region[] {
  return CODE_TABLES.get('region')?.entries ?? [];
}

function childrenOf(parent: string | undefined): Region[] {
  return regions().filter((region) => region.parent === parent);
}

/** The codes above a code and itself, as far as the digits say: `532622` → `530000`, `532600`, `532622`. */
function pathOf(code: string): string[] {
  if (!/^\d{6}$/.test(code)) return [];
  const path = [`${code.slice(0, 2)}0000`, `${code.slice(0, 4)}00`, code];
  return [...new Set(path)];
}

/** Name of a division with those above it: 云南省文山壮族苗族自治州砚山县; the code where the table does not know it. */
export function regionName(code: string, locale: 'zh' | 'en'): string {
  const byCode = new Map(regions().map((region) => [region.code, region]));
  const names: string[] = [];
  for (let at = byCode.get(code); at; at = at.parent ? byCode.get(at.parent) : undefined) {
    names.unshift(locale === 'en' ? (at.en ?? at.zh) : at.zh);
  }
  if (names.length === 0) return code;
  return locale === 'en' ? names.reverse().join(', ') : names.filter((name) => name !== '市辖区').join('');
}

interface PickerProps {
  id: string;
  value: string;
  level: RegionLevel | undefined;
  disabled: boolean;
  describedBy: string | undefined;
  onChange: (code: string | undefined) => void;
  onBlur: () => void;
}

/** Province, prefecture and county one after the other; where the list ends early, the six digits themselves. */
export function RegionPicker({ id, value, level, disabled, describedBy, onChange, onBlur }: PickerProps): ReactNode {
  const { locale, t } = useForm();
  const path = pathOf(value);
  const depth = LEVELS.indexOf(level ?? 'county') + 1;
  const known = new Set(regions().map((region) => region.code));
  const lists = LEVELS.slice(0, depth).map((name, index) => {
    const parent = index === 0 ? undefined : path[index - 1];
    return { name, options: index > 0 && !parent ? [] : childrenOf(parent) };
  });
  const province = path[0];
  const listless = depth > 1 && province !== undefined && childrenOf(province).length === 0;
  const freehand = (value !== '' && !known.has(value)) || listless;
  return (
    <div className="lb-form-region">
      {lists.map(({ name, options }, index) =>
        index > 0 && (freehand || options.length === 0) ? null : (
          <label key={name}>
            <span>{t(`region.${name}`)}</span>
            <select
              id={`${id}-${name}`}
              className="lb-input"
              value={path[index] ?? ''}
              disabled={disabled}
              aria-describedby={describedBy}
              onChange={(event) => onChange(event.target.value || path[index - 1])}
              onBlur={onBlur}
            >
              <option value="">{t('choose')}</option>
              {options.map((option) => (
                <option key={option.code} value={option.code}>
                  {locale === 'en' ? (option.en ?? option.zh) : option.zh}
                </option>
              ))}
            </select>
          </label>
        ),
      )}
      {freehand ? (
        <label>
          <span>{t('region.code')}</span>
          <input
            id={`${id}-code`}
            className="lb-input"
            inputMode="numeric"
            maxLength={6}
            value={value}
            readOnly={disabled}
            aria-describedby={`${id}-code-hint`}
            onChange={(event) => onChange(event.target.value || undefined)}
            onBlur={onBlur}
          />
          <small id={`${id}-code-hint`} className="lb-form-hint">
            {t('region.codeHint')}
          </small>
        </label>
      ) : null}
    </div>
  );
}

export function RegionInput({ component, pointer }: InputProps): ReactNode {
  const { data, change, touch, stateOf } = useForm();
  const value = valueAt(data, pointer);
  return (
    <Field component={component} pointer={pointer} group>
      {(props) => (
        <RegionPicker
          id={props.id}
          value={typeof value === 'string' ? value : ''}
          level={regionLevelOfField(component)}
          disabled={stateOf(pointer).readonly}
          describedBy={props['aria-describedby']}
          onChange={(code) => change(pointer, code)}
          onBlur={() => touch(pointer)}
        />
      )}
    </Field>
  );
}

export function AddressInput({ component, pointer }: InputProps): ReactNode {
  const { data, change, touch, stateOf, t } = useForm();
  const value = valueAt(data, pointer);
  const address = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  const region = typeof address.region === 'string' ? address.region : '';
  const detail = typeof address.detail === 'string' ? address.detail : '';
  const readonly = stateOf(pointer).readonly;
  const update = (next: { region?: string | undefined; detail?: string }): void => {
    const merged = { region: 'region' in next ? (next.region ?? null) : region || null, detail: next.detail ?? detail };
    change(pointer, merged.region === null && merged.detail === '' ? undefined : merged);
  };
  return (
    <Field component={component} pointer={pointer} group>
      {(props) => (
        <>
          <RegionPicker
            id={props.id}
            value={region}
            level={regionLevelOfField(component) ?? 'county'}
            disabled={readonly}
            describedBy={props['aria-describedby']}
            onChange={(code) => update({ region: code })}
            onBlur={() => touch(pointer)}
          />
          <label className="lb-form-detail">
            <span>{own(component, 'detailLabel') ?? t('address.detail')}</span>
            <input
              {...controlProps(`${props.id}-detail`, false, false, false)}
              className="lb-input"
              autoComplete="off"
              value={detail}
              readOnly={readonly}
              onChange={(event) => update({ detail: event.target.value })}
              onBlur={() => touch(pointer)}
            />
          </label>
        </>
      )}
    </Field>
  );
}
