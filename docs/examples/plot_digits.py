"""
x
=
y
"""
print(1)
