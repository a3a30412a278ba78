"""密钥更换: what lies in the database is sealed anew under the present keys, in batches, while everything goes on."""
