import { useEffect, useId, useRef, type ReactElement, type ReactNode } from 'react';
import { Link } from 'react-router';


/** The one `h1` of a page; the shell names the browser tab after it and gives it the focus. */
export function PageTitle({ children, lead }: { children: string; lead?: ReactNode }): ReactElement {
  return (
    <div className="p-title">
      <h1>{children}</h1>
      {lead ? <p className="p-lead">{lead}</p> : null}
    </div>
  );
}

export function Section({ title, children, id }: { title: string; children: ReactNode; id?: string }): ReactElement {
  const heading = useId();
  return (
    <section className="p-section" aria-labelledby={id ?? heading}>
      <h2 id={id ?? heading}>{title}</h2>
      {children}
    </section>
  );
}

interface ButtonProps {
  children: ReactNode;
  onClick?: () => void;
  kind?: 'primary' | 'plain' | 'danger' | 'quiet';
  type?: 'button' | 'submit';
  disabled?: boolean;
  busy?: boolean;
  label?: string;
}

export function Button({ children, onClick, kind = 'plain', type = 'button', disabled = false, busy = false, label }: ButtonProps): ReactElement {
  return (
    <button type={type} className="lb-button" data-kind={kind} onClick={onClick} disabled={disabled || busy} aria-busy={busy || undefined} aria-label={label}>
      {children}
    </button>
  );
}

export function LinkButton({ to, children, kind = 'primary' }: { to: string; children: ReactNode; kind?: 'primary' | 'plain' }): ReactElement {
  return <Link to={to} className="lb-button" data-kind={kind}>{children}</Link>;
}

interface FieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  error?: string | undefined;
  hint?: string;
  type?: 'text' | 'password' | 'search';
  autoComplete?: string;
  inputMode?: 'numeric' | 'text';
  maxLength?: number;
  rows?: number;
}

/** A label, its control, its hint and its error, tied together. */
export function Field({ label, value, onChange, error, hint, type = 'text', autoComplete, inputMode, maxLength, rows }: FieldProps): ReactElement {
  const id = useId();
  const described = [hint ? `${id}-hint` : null, error ? `${id}-error` : null].filter(Boolean).join(' ') || undefined;
  const shared = {
    id, value, maxLength, className: 'lb-input', 'aria-invalid': error ? true : undefined, 'aria-describedby': described,
  } as const;
  return (
    <div className={`p-field${error ? ' p-field-wrong' : ''}`}>
      <label htmlFor={id}>{label}</label>
      {hint ? <p id={`${id}-hint`} className="p-hint">{hint}</p> : null}
      {rows
        ? <textarea {...shared} rows={rows} onChange={(event) => onChange(event.target.value)} />
        : <input {...shared} type={type} autoComplete={autoComplete} inputMode={inputMode} onChange={(event) => onChange(event.target.value)} />}
      {error ? <p id={`${id}-error`} className="p-error">{error}</p> : null}
    </div>
  );
}

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
}

/** A modal dialog: the browser keeps the focus inside and gives it back. */
export function Dialog({ title, onClose, children }: DialogProps): ReactElement {
  const element = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const dialog = element.current;
    if (dialog && !dialog.open) dialog.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog ref={element} className="p-dialog" aria-labelledby={heading} onCancel={(event) => { event.preventDefault(); onClose(); }}>
      <h2 id={heading}>{title}</h2>
      {children}
    </dialog>
  );
}
