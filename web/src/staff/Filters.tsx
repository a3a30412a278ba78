import { useEffect, useId, useState, type ReactElement, type Ref } from 'react';

interface SelectFilterProps {
  label: string;
  value: string;
  options: { value: string; label: string }[];
  onChange: (value: string) => void;
}

/** A choice that narrows a list. */
export function SelectFilter({ label, value, options, onChange }: SelectFilterProps): ReactElement {
  const id = useId();
  return (
    <div className="s-filter">
      <label htmlFor={id}>{label}</label>
      <select id={id} className="lb-input" value={value} onChange={(event) => onChange(event.target.value)}>
        {options.map((option) => <option key={option.value} value={option.value}>{option.label}</option>)}
      </select>
    </div>
  );
}

interface SearchFilterProps {
  label: string;
  hint: string;
  value: string;
  onChange: (value: string) => void;
  inputRef?: Ref<HTMLInputElement>;
}

/** Words to look for; asked 300 ms after the last key. What people type is not written into the address of the page. */
export function SearchFilter({ label, hint, value, onChange, inputRef }: SearchFilterProps): ReactElement {
  const id = useId();
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return undefined;
    const timer = setTimeout(() => onChange(text), 300);
    return () => clearTimeout(timer);
  }, [text, value, onChange]);
  return (
    <div className="s-filter s-filter-search">
      <label htmlFor={id}>{label}</label>
      <input ref={inputRef} id={id} className="lb-input" type="search" autoComplete="off" placeholder={hint} value={text} onChange={(event) => setText(event.target.value)} />
    </div>
  );
}
