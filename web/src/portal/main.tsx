import { mountPortal } from '../shared/mountPortal';
import { PortalApp } from './PortalApp';

mountPortal(<PortalApp />);
