# The CA for sign certificates, self-signed (pki.md 1.1). All its generations have this name.
[certificate]
name = sign-ca
issuer = sign-ca

[lifetime]
RSA-2048 = 120 months
# Long enough for certificates of ten years and early renewal (pki.md 8).
P-384 = 240 months

[subject]
1 = C printable JP
2 = O utf8 OpenJPKI TEST
3 = OU utf8 OpenJPKI TEST for digital signature
4 = OU utf8 OpenJPKI TEST Certification Authority

[alternative]
1 = C printable JP
2 = O utf8 OpenJPKI TEST 公的個人認証サービス（試験用・非公式）
3 = OU utf8 OpenJPKI TEST 公的個人認証サービス署名用
4 = OU utf8 OpenJPKI TEST 認証局

[extension keyUsage]
critical = yes
value = keyCertSign cRLSign

[extension subjectAltName]
critical = no
value = alternative

[extension basicConstraints]
critical = yes
value = CA

[extension cRLDistributionPoints]
critical = no
value = subject

[extension subjectKeyIdentifier]
critical = no
value = key
