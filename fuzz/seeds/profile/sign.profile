# 署名用電子証明書 on a card (pki.md 1.3 and 1.4), with the policy of the test hierarchy.
[certificate]
name = sign
issuer = sign-ca

[lifetime]
# Up to the sixth birthday when it is renewed early (pki.md 1.3 and 4).
RSA-2048 = 63 months
# Ten years, renewed a year before (pki.md 8).
P-384 = 132 months

[subject]
1 = C printable JP
2 = L utf8 {prefecture}
3 = L utf8 {municipality}
4 = CN utf8 {common-name-sign}

# One list of revocations for each municipality.
[point]
1 = C printable JP
2 = O utf8 OpenJPKI TEST
3 = OU utf8 OpenJPKI TEST for digital signature
4 = OU utf8 CRL Distribution Points
5 = OU utf8 {prefecture}
6 = CN utf8 {municipality} CRLDP

[extension keyUsage]
critical = yes
value = digitalSignature nonRepudiation

[extension subjectAltName]
critical = no
value = holder

[extension certificatePolicies]
critical = yes
value = 1.2.392.200149.8.5.1.0.20
cps = http://www.openjpki.test/cps.html

[extension issuerAltName]
critical = no
value = alternative

[extension cRLDistributionPoints]
critical = no
value = point

[extension authorityInfoAccess]
critical = no
value = http://ocsp.openjpki.test/sign

[extension authorityKeyIdentifier]
critical = no
value = issuer

[extension subjectKeyIdentifier]
critical = no
value = key
