import { type InputHTMLAttributes, type ReactNode, useState } from 'react';

import { type Choice, type Component, fixedOptions, own, valueTypeOf } from '../../kernel';
import { CODE_TABLES } from '../../kernel/codes';
import type { Json } from '../../kernel';
import { Field } from './Field';
import { useForm } from './context';
import { labelOf, valueAt } from './data';

export interface InputProps {
  component: Component;
  pointer: string;
}

const KEYBOARDS: Record<string, 'numeric' | 'decimal' | 'tel' | 'email'> = { mobile: 'tel', bankAccount: 'numeric', money: 'decimal' };

function textOf(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : '';
}

export function TextInput({ component, pointer }: InputProps): ReactNode {
  const { data, change, touch, stateOf } = useForm();
  const value = textOf(valueAt(data, pointer));
  const state = stateOf(pointer);
  const type = valueTypeOf(component);
  const email = component.validate?.validationType === 'email';
  return (
    <Field component={component} pointer={pointer}>
      {(props) =>
        component.type === 'textarea' ? (
          <textarea
            {...props}
            className="lb-input"
            rows={4}
            value={value}
            readOnly={state.readonly}
            onChange={(event) => change(pointer, event.target.value)}
            onBlur={() => touch(pointer)}
          />
        ) : (
          <input
            {...props}
            className="lb-input"
            data-type={type}
            type="text"
            inputMode={type ? KEYBOARDS[type] : email ? 'email' : undefined}
            autoComplete="off"
            spellCheck={false}
            value={value}
            readOnly={state.readonly}
            onChange={(event) => change(pointer, event.target.value)}
            onBlur={() => touch(pointer)}
          />
        )
      }
    </Field>
  );
}

/** A number keeps the text while it is typed (`1.` is on the way to `1.5`); the data gets a number as soon as it is one. */
export function NumberInput({ component, pointer }: InputProps): ReactNode {
  const { data, change, touch, stateOf } = useForm();
  const value = valueAt(data, pointer);
  const [typed, setTyped] = useState(() => textOf(value));
  const shown = typed.trim() !== '' && Number(typed) === value ? typed : textOf(value);
  return (
    <Field component={component} pointer={pointer}>
      {(props) => (
        <input
          {...props}
          className="lb-input"
          type="text"
          inputMode="decimal"
          autoComplete="off"
          value={shown}
          readOnly={stateOf(pointer).readonly}
          onChange={(event) => {
            const text = event.target.value.normalize('NFKC');
            setTyped(text);
            change(pointer, /^-?\d+(\.\d*)?$/.test(text.trim()) ? Number(text) : text === '' ? undefined : text);
          }}
          onBlur={() => touch(pointer)}
        />
      )}
    </Field>
  );
}

const OFFSET = '+08:00';

/** Dates and times by the browser's own control; a date-time is taken as Beijing time. */
export function DateInput({ component, pointer }: InputProps): ReactNode {
  const { data, change, touch, stateOf } = useForm();
  const value = textOf(valueAt(data, pointer));
  const moment = component.subtype === 'datetime';
  const { min, max } = component.validate ?? {};
  const fixed = (limit: unknown): string | undefined => (typeof limit === 'string' && /^\d{4}-/.test(limit) ? limit : undefined);
  return (
    <Field component={component} pointer={pointer}>
      {(props) => (
        <input
          {...props}
          className="lb-input"
          type={moment ? 'datetime-local' : component.subtype === 'time' ? 'time' : 'date'}
          value={moment ? value.slice(0, 16) : value}
          min={fixed(min)}
          max={fixed(max) ?? (component.subtype === 'date' ? '9999-12-31' : undefined)}
          readOnly={stateOf(pointer).readonly}
          onChange={(event) => {
            const text = event.target.value;
            change(pointer, text === '' ? undefined : moment ? `${text}:00${OFFSET}` : text);
          }}
          onBlur={() => touch(pointer)}
        />
      )}
    </Field>
  );
}

/** Choices in the language of the page: code tables have English names, own options may carry `labelEn`. */
export function localOptions(component: Component, options: readonly Choice[] | undefined, locale: 'zh' | 'en'): readonly Choice[] {
  const all = options ?? fixedOptions(component) ?? [];
  if (locale === 'zh') return all;
  const table = own(component, 'options');
  const english = new Map(table ? CODE_TABLES.get(table)?.entries.map((entry) => [entry.code, entry.en ?? entry.zh]) : []);
  return all.map((option) => ({
    value: option.value,
    label: english.get(option.value) ?? (option as Choice & { labelEn?: string }).labelEn ?? option.label,
  }));
}

export function SelectInput({ component, pointer }: InputProps): ReactNode {
  const { data, change, touch, stateOf, locale, t } = useForm();
  const state = stateOf(pointer);
  const value = textOf(valueAt(data, pointer));
  return (
    <Field component={component} pointer={pointer}>
      {(props) => (
        <select
          {...props}
          className="lb-input"
          value={value}
          disabled={state.readonly}
          onChange={(event) => change(pointer, event.target.value || undefined)}
          onBlur={() => touch(pointer)}
        >
          <option value="">{t('choose')}</option>
          {localOptions(component, state.options, locale).map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** All choices of a field, each with the control that `control` describes. */
function Options({ component, pointer, control }: InputProps & { control: (value: string) => InputHTMLAttributes<HTMLInputElement> }): ReactNode {
  const { touch, stateOf, locale } = useForm();
  const state = stateOf(pointer);
  return (
    <Field component={component} pointer={pointer} group>
      {() => (
        <div className="lb-form-options">
          {localOptions(component, state.options, locale).map((option) => (
            <label key={option.value} className="lb-form-option">
              <input {...control(option.value)} disabled={state.readonly} onBlur={() => touch(pointer)} />
              <span>{option.label}</span>
            </label>
          ))}
        </div>
      )}
    </Field>
  );
}

export function RadioInput({ component, pointer }: InputProps): ReactNode {
  const { data, change, idOf } = useForm();
  const chosen = valueAt(data, pointer);
  const control = (value: string): InputHTMLAttributes<HTMLInputElement> => ({
    type: 'radio',
    name: idOf(pointer),
    value,
    checked: chosen === value,
    onChange: () => change(pointer, value),
  });
  return <Options component={component} pointer={pointer} control={control} />;
}

export function ChecklistInput({ component, pointer }: InputProps): ReactNode {
  const { data, change } = useForm();
  const value = valueAt(data, pointer);
  const chosen = Array.isArray(value) ? value : [];
  const control = (code: string): InputHTMLAttributes<HTMLInputElement> => ({
    type: 'checkbox',
    checked: chosen.includes(code),
    onChange: (event) => change(pointer, event.target.checked ? [...chosen, code] : chosen.filter((entry) => entry !== code)),
  });
  return <Options component={component} pointer={pointer} control={control} />;
}

export function CheckboxInput({ component, pointer }: InputProps): ReactNode {
  const { data, change, touch, stateOf, locale, t } = useForm();
  const state = stateOf(pointer);
  return (
    <Field component={component} pointer={pointer} inlineLabel>
      {(props) => (
        <label className="lb-form-option" htmlFor={props.id}>
          <input
            {...props}
            type="checkbox"
            checked={valueAt(data, pointer) === true}
            disabled={state.readonly}
            onChange={(event) => change(pointer, event.target.checked)}
            onBlur={() => touch(pointer)}
          />
          <span>
            {labelOf(component, locale)}
            {state.required ? <span className="lb-form-required">{t('required')}</span> : null}
          </span>
        </label>
      )}
    </Field>
  );
}
