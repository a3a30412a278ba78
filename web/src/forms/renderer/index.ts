export { FormView, type FormHandle, type FormViewProps } from './FormView';
export { ReadComponents, ValueText } from './ReadView';
export { RegionPicker, regionName } from './RegionInput';
export type { StoredFile } from './context';
export { messageOf } from '../messages';
