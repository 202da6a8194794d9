"""
What entries and attributes of directories mean, however they were read: AD, Samba, OpenLDAP, 389, FreeIPA.

It knows no connection and no file; LDAP and LDIF both read by it.
"""
