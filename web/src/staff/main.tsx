import { mountWork } from '../shared/mountWork';
import { StaffApp } from './StaffApp';

mountWork('/staff', <StaffApp />);
