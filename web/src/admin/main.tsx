import { mountWork } from '../shared/mountWork';
import { AdminApp } from './AdminApp';

mountWork('/admin', <AdminApp />);
