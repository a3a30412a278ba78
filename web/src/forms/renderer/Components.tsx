import { type ReactNode, useId } from 'react';

import { type Component, type ComponentType, computeSource, own, valueTypeOf } from '../../kernel';
import { Field } from './Field';
import { FilesInput } from './FilesInput';
import { ListInput } from './ListInput';
import { ValueText } from './ReadView';
import { AddressInput, RegionInput } from './RegionInput';
import { useForm } from './context';
import { isNamedByList, labelOf, pointerOf } from './data';
import {
  CheckboxInput, ChecklistInput, DateInput, type InputProps, NumberInput, RadioInput, SelectInput, TextInput,
} from './inputs';

const INPUTS: Partial<Record<ComponentType, (props: InputProps) => ReactNode>> = {
  textfield: TextInput,
  textarea: TextInput,
  number: NumberInput,
  datetime: DateInput,
  select: SelectInput,
  radio: RadioInput,
  checklist: ChecklistInput,
  checkbox: CheckboxInput,
  filepicker: FilesInput,
  dynamiclist: ListInput,
};

/** A value worked out by the form: told, not typed. */
function ComputedField({ component, pointer }: InputProps): ReactNode {
  const { stateOf, t } = useForm();
  const value = stateOf(pointer).computed ?? null;
  return (
    <Field component={component} pointer={pointer} extraHint={value === null ? t('computed.waiting') : t('computed')}>
      {(props) => (
        <output {...props} className="lb-form-output">
          {value === null ? '—' : <ValueText component={component} value={value} whole />}
        </output>
      )}
    </Field>
  );
}

function StaticText({ component }: { component: Component }): ReactNode {
  const { locale } = useForm();
  const text = (locale === 'en' ? own(component, 'textEn') : undefined) ?? component.text ?? '';
  return (
    <div className="lb-form-text">
      {text.split(/\n{2,}/).map((paragraph, index) => (
        <p key={index}>{paragraph}</p>
      ))}
    </div>
  );
}

function Group({ component, path }: { component: Component; path: string }): ReactNode {
  const { locale } = useForm();
  const id = useId();
  const named = component.label !== undefined && component.label !== '' && !isNamedByList(component, locale);
  return (
    <section className="lb-form-group" {...(named ? { 'aria-labelledby': id } : {})}>
      {named ? <h2 id={id}>{labelOf(component, locale)}</h2> : null}
      {component.description ? <p className="lb-form-hint">{component.description}</p> : null}
      <div className="lb-form-grid">
        <Components components={component.components ?? []} path={path} />
      </div>
    </section>
  );
}

function inputOf(component: Component): ((props: InputProps) => ReactNode) | undefined {
  if (computeSource(component)) return component.type === 'expression' ? undefined : ComputedField;
  const type = valueTypeOf(component);
  if (type === 'address') return AddressInput;
  if (type === 'region6') return RegionInput;
  return INPUTS[component.type];
}

/** The visible ones of a list of components. */
export function Components({ components, path }: { components: readonly Component[]; path: string }): ReactNode {
  const { stateOf } = useForm();
  return components.map((component) => {
    const pointer = pointerOf(component, path);
    if (!stateOf(pointer).visible) return null;
    if (component.type === 'group') return <Group key={component.id} component={component} path={component.path ? pointer : path} />;
    if (component.type === 'text') return <StaticText key={component.id} component={component} />;
    if (component.type === 'separator') return <hr key={component.id} className="lb-form-separator" />;
    const Input = inputOf(component);
    return Input ? <Input key={component.id} component={component} pointer={pointer} /> : null;
  });
}
