import { mountWork } from '../shared/mountWork';
import { DesignerApp } from './DesignerApp';

mountWork('/designer', <DesignerApp />);
