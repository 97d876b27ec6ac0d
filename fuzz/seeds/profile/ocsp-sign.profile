# An OCSP responder to which the CA for sign certificates delegates (RFC 6960, 4.2.2.2).
[certificate]
name = ocsp-sign
issuer = sign-ca

[lifetime]
RSA-2048 = 365 days
P-384 = 365 days

[subject]
1 = C printable JP
2 = O utf8 OpenJPKI TEST
3 = OU utf8 OpenJPKI TEST for digital signature
4 = CN utf8 OpenJPKI TEST OCSP Responder

[extension keyUsage]
critical = yes
value = digitalSignature

[extension extKeyUsage]
critical = no
value = id-kp-OCSPSigning

[extension id-pkix-ocsp-nocheck]
critical = no
value = null

[extension authorityKeyIdentifier]
critical = no
value = issuer

[extension subjectKeyIdentifier]
critical = no
value = key
