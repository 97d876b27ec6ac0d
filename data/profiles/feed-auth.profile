# A signer of revocation feeds, appointed by the CA for auth certificates (docs/revocation-feed.md).
[certificate]
name = feed-auth
issuer = auth-ca

[lifetime]
RSA-2048 = 365 days
P-384 = 365 days

[subject]
1 = C printable JP
2 = O utf8 OpenJPKI TEST
3 = OU utf8 OpenJPKI TEST for user authentication
4 = CN utf8 OpenJPKI TEST Revocation Feed

[extension keyUsage]
critical = yes
value = digitalSignature

[extension extKeyUsage]
critical = no
value = feedSigning

[extension authorityKeyIdentifier]
critical = no
value = issuer

[extension subjectKeyIdentifier]
critical = no
value = key
