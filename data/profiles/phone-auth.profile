# 利用者証明用電子証明書 in a phone (pki.md 1.6). Which policy real ones have is not known: this one
# is below the arc for examples (ITU-T X.660). Whoever learns the real one writes it here.
[certificate]
name = phone-auth
issuer = auth-ca

[lifetime]
# Up to the sixth birthday when it is renewed early (pki.md 1.3 and 4).
RSA-2048 = 63 months
# Ten years, renewed a year before (pki.md 8).
P-384 = 132 months

[subject]
1 = C printable JP
2 = CN utf8 {common-name-auth}

# One list of revocations for each prefecture.
[point]
1 = C printable JP
2 = O utf8 OpenJPKI TEST
3 = OU utf8 OpenJPKI TEST for user authentication
4 = OU utf8 CRL Distribution Points
5 = CN utf8 {prefecture} CRLDP

[extension keyUsage]
critical = yes
value = digitalSignature

[extension extKeyUsage]
critical = no
value = id-kp-clientAuth

[extension certificatePolicies]
critical = yes
value = 2.999.8.5.1.3.40
cps = http://www.openjpki.test/cps.html

[extension issuerAltName]
critical = no
value = alternative

[extension cRLDistributionPoints]
critical = no
value = point

[extension authorityInfoAccess]
critical = no
value = http://ocsp.openjpki.test/auth

[extension authorityKeyIdentifier]
critical = no
value = issuer

[extension subjectKeyIdentifier]
critical = no
value = key
